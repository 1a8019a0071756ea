import { Missing } from './missing.js';
import { downOptions, upOptions } from './options.js';

describe('when options are given', () => {
  it('are read', () => {
    expect(upOptions(['--no-data'])).toEqual({ help: false, noData: true, send: false, plain: false });
    expect(downOptions(['--wipe', '--all'])).toEqual({ help: false, wipe: true, all: true });
  });

  it('are refused in words where they do not exist', () => {
    expect(() => upOptions(['--wipe'])).toThrow(Missing);
    expect(() => downOptions(['everything'])).toThrow(/--wipe/);
  });
});
