/**
 * The text with another letter of base64url in one place, so that a test never puts the letter that stood there by chance. `at` counts
 * from the end where it is negative. Any place but the last of a segment changes what the text encodes.
 */
export function tampered(text: string, at: number): string {
  const place = at < 0 ? text.length + at : at;
  return `${text.slice(0, place)}${text[place] === 'A' ? 'B' : 'A'}${text.slice(place + 1)}`;
}
