/** The search of SSLCertSubject, by the reference: the exact subject, else a part of it, else any by "*". */

export interface Subjected {
  readonly subject: string;
  readonly hasCertificate: boolean;
  readonly hasKey: boolean;
}

/** The entry that the text selects; undefined if none. Those with certificate and key go first. */
export function findBySubject<Entry extends Subjected>(
  entries: readonly Entry[],
  text: string,
): Entry | undefined {
  const complete = entries.filter((entry) => entry.hasCertificate && entry.hasKey);
  const inOrder = [...complete, ...entries.filter((entry) => !complete.includes(entry))];
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
