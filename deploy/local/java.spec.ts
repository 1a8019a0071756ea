import { readJavaVersion } from './java.js';

describe('when java tells its version', () => {
  it('reads the new style', () => {
    expect(readJavaVersion('openjdk version "17.0.15" 2025-04-15')).toBe(17);
  });

  it('reads the style of Java 8 and a version without a dot', () => {
    expect(readJavaVersion('java version "1.8.0_402"')).toBe(8);
    expect(readJavaVersion('openjdk version "25" 2025-09-16')).toBe(25);
  });

  it('reads nothing from something else', () => {
    expect(readJavaVersion('No Java runtime present, requesting install.')).toBeUndefined();
  });
});
