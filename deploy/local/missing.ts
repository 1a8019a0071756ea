/** Something that the machine has to have and that could not be got for it. The message is one sentence for a person. */
export class Missing extends Error {
  override readonly name = 'Missing';
}
