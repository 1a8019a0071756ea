import { FewAtOnce } from './few-at-once.js';

describe('when a caller asks for more at once than it may', () => {
  it('is refused, takes no place of another, and gets a place back whatever came of the work before', async () => {
    const few = new FewAtOnce(2, 'pages');
    const ends: ((error?: Error) => void)[] = [];
    const work = () =>
      new Promise<void>((resolve, reject) => ends.push((error) => (error === undefined ? resolve() : reject(error))));
    const [one, two] = [few.run('a', work), few.run('a', work)];
    await expect(few.run('a', work)).rejects.toMatchObject({ code: 'DOOR_UNAVAILABLE' });
    const other = few.run('b', work);
    ends[0]?.(new Error('it broke'));
    await expect(one).rejects.toThrow('it broke');
    const next = few.run('a', work);
    for (const end of ends) end();
    await Promise.all([two, other, next]);
  });
});
