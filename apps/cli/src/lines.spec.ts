import { byteLines } from './lines.js';

async function* chunks(...texts: string[]): AsyncGenerator<Buffer> {
  for (const text of texts) yield Buffer.from(text);
}

async function linesOf(limit: number, ...texts: string[]): Promise<string[]> {
  const lines: string[] = [];
  for await (const line of byteLines(chunks(...texts), limit)) lines.push(line.toString());
  return lines;
}

describe('when a stream is cut into lines', () => {
  it('joins what chunks tore apart', async () => {
    expect(await linesOf(100, 'a', 'b\nc', '\n', 'd')).toEqual(['ab', 'c', 'd']);
  });

  it('keeps empty lines, white space and carriage returns', async () => {
    expect(await linesOf(100, 'a \r\n\nb\n')).toEqual(['a \r', '', 'b']);
  });

  it('shows that a line was too long without keeping all of it', async () => {
    expect(await linesOf(3, 'abcdef', 'ghi\nok\n')).toEqual(['abcd', 'ok']);
  });

  it('finds none in nothing', async () => {
    expect(await linesOf(3)).toEqual([]);
  });
});
