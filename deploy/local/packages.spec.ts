import { sentence } from './packages.js';

const java = { name: 'Java 17 or newer', advice: { debian: 'default-jre', elsewhere: 'https://adoptium.net' } };
const redis = { name: 'redis-server', advice: { debian: 'redis-server', elsewhere: '"brew install redis"' } };

describe('when one program could not be got', () => {
  it('says in one sentence what is missing and how to get it', () => {
    expect(sentence([java])).toBe(
      'Java 17 or newer is missing: install by "sudo apt-get install default-jre" (elsewhere: https://adoptium.net), then run the same command again.',
    );
  });
});

describe('when two programs could not be got', () => {
  it('names both in the same sentence', () => {
    expect(sentence([java, redis])).toContain('Java 17 or newer and redis-server are missing');
    expect(sentence([java, redis])).toContain('apt-get install default-jre redis-server');
  });
});
