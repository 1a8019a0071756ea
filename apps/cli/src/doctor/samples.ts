/** One sample of a metrics page. */
export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

const LINE = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)$/;
const LABEL = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\.)*)"/g;

/** All samples of a page in Prometheus's text format (without time-stamps, as our services write it). */
export function allSamples(page: string): readonly Sample[] {
  return page.split('\n').flatMap((line) => {
    const [, name, labels = '', value = ''] = LINE.exec(line) ?? [];
    if (name === undefined) return [];
    const named = [...labels.matchAll(LABEL)].map(([, label = '', text = '']) => [label, text.replace(/\\(.)/g, '$1')] as const);
    return [{ name, labels: Object.fromEntries(named), value: Number(value) }];
  });
}

/** The samples of one metric. */
export const samplesOf = (page: string, wanted: string): readonly Sample[] =>
  allSamples(page).filter(({ name }) => name === wanted);
