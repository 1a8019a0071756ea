import type { ServiceProcess } from './service-process.js';

/** One sample of a metrics page. */
interface Sample {
  readonly name: string;
  readonly labels: string;
  readonly value: number;
}

const LINE = /^([a-z_]+)(?:\{([^}]*)\})? ([0-9.e+-]+|NaN|[+-]Inf)$/gm;

/** What a service counts and measures about itself, as Prometheus would read it. */
export class Gauges {
  private constructor(private readonly samples: readonly Sample[]) {}

  static async of({ url }: ServiceProcess): Promise<Gauges> {
    const text = await (await fetch(`${url}/metrics`)).text();
    return new Gauges(
      [...text.matchAll(LINE)].map(([, name = '', labels = '', value = '']) => ({ name, labels, value: Number(value) })),
    );
  }

  /** The sum over all series of a metric whose labels contain `part`. */
  sum(metric: string, part = ''): number {
    const own = this.samples.filter(({ name, labels }) => name === metric && labels.includes(part));
    return own.reduce((sum, { value }) => sum + value, 0);
  }
}
