import { InvalidArgumentError } from 'commander';

/** Reads an option's value as a whole number of at least `least`. */
export function wholeNumber(least: number): (text: string) => number {
  return (text) => {
    const value = /^[0-9]{1,12}$/.test(text) ? Number(text) : Number.NaN;
    if (!(value >= least)) throw new InvalidArgumentError(`It is a whole number from ${least}.`);
    return value;
  };
}
