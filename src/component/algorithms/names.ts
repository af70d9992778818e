/** Names in a list, each without the spaces around it. */
export function namesIn(text: string, separator: "," | ";"): string[] {
  return text
    .split(separator)
    .map((name) => name.trim())
    .filter((name) => name !== "");
}
