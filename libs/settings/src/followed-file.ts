import { readFile } from 'node:fs/promises';

/** What a file says now. */
export interface FollowedFile<T> {
  current(): T;
  /** Looks now instead of at the next turn. Never rejects. */
  look(): Promise<void>;
  close(): void;
}

/** Who is told of a new version, and of one that is not usable. */
export interface FollowOptions<T> {
  readonly onRead?: (content: T) => void;
  /** Called once for each version that `read` refuses, or whenever the file cannot be read; the last good version stays. */
  readonly onMistake: (error: unknown) => void;
}

const LOOK_MILLISECONDS = 2000;

/**
 * Follows a file that `read` makes something of: a new version counts within two seconds, once it is whole and correct; until then the
 * last one does. Its text is compared, since a mounted file is often replaced without its status changing in a way that can be
 * relied on. Throws what `read` throws where the first version is not usable.
 */
export function followFile<T>(file: string, read: (file: string) => T, { onRead, onMistake }: FollowOptions<T>): FollowedFile<T> {
  let content = read(file);
  let known: string | undefined;
  const look = async () => {
    try {
      const text = await readFile(file, 'utf8');
      if (text === known) return;
      known = text; // also of a mistaken version, so that it is reported once
      content = read(file);
      onRead?.(content);
    } catch (error) {
      onMistake(error);
    }
  };
  const timer = setInterval(() => void look(), LOOK_MILLISECONDS);
  timer.unref();
  return { current: () => content, look, close: () => clearInterval(timer) };
}
