/** The search of SSLCertSubject, by the reference: the exact subject, else a part of it, else any by "*". */
import type { StoreEntry } from "./store.js";

export type Searched = Pick<StoreEntry, "subject" | "certificate" | "privateKey">;

/** The entry that the text selects; undefined if none. Those with certificate and key go first. */
export function findBySubject<Entry extends Searched>(
  entries: readonly Entry[],
  text: string,
): Entry | undefined {
  const isComplete = ({ certificate, privateKey }: Entry): boolean =>
    certificate.length > 0 && privateKey.length > 0;
  const inOrder = [...entries.filter(isComplete), ...entries.filter((entry) => !isComplete(entry))];
  if (text.trim() === "*") return inOrder[0];
  const wanted = normalize(text);
  if (wanted === "") return undefined;
  return (
    inOrder.find((entry) => normalize(entry.subject) === wanted) ??
    inOrder.find((entry) => normalize(entry.subject).includes(wanted))
  );
}

/** Letter case and spaces after commas do not count. */
function normalize(subject: string): string {
  return subject.trim().toLowerCase().replace(/,\s+/g, ",");
}
