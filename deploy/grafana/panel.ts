/** One question to Prometheus and the words beside its answer. */
export interface Query {
  readonly expr: string;
  /** Of each series: may name labels as `{{label}}`. */
  readonly legend: string;
}

/** One picture. Twenty-four columns are a whole row. */
export interface Panel {
  readonly title: string;
  /** What a good and a bad picture look like; shown when somebody points at the title. */
  readonly about: string;
  readonly kind: 'stat' | 'timeseries' | 'table';
  /** A unit of Grafana: `short`, `s`, `percentunit`, `reqps`, `bytes`, `dateTimeFromNow`. */
  readonly unit: string;
  readonly queries: readonly Query[];
  readonly columns: number;
  readonly rows: number;
  /** From which value on it is yellow and red, or, with `low`, below which. */
  readonly alarm?: { readonly watch: number; readonly ill: number; readonly low?: true };
}

/** Something to choose at the head of a dashboard: the values of a label. */
export interface Choice {
  readonly name: string;
  readonly label: string;
  /** `label_values(<metric>, <label>)`, and what of each value is shown. */
  readonly metric: string;
  readonly of: string;
  readonly regex?: string;
}

/** One page. Its `uid` stays for ever, since people keep links. */
export interface Dashboard {
  readonly uid: string;
  readonly title: string;
  readonly about: string;
  readonly choices: readonly Choice[];
  readonly panels: readonly Panel[];
}

const ROW = 24;

/** A number to see from the other side of the room. */
export const stat = (title: string, about: string, unit: string, expr: string, alarm?: Panel['alarm'], legend = ''): Panel => ({
  title,
  about,
  kind: 'stat',
  unit,
  queries: [{ expr, legend }],
  columns: 4,
  rows: 4,
  ...(alarm === undefined ? {} : { alarm }),
});

/** Lines over time. */
export const lines = (title: string, about: string, unit: string, queries: readonly Query[], columns = 12): Panel => ({
  title,
  about,
  kind: 'timeseries',
  unit,
  queries,
  columns,
  rows: 8,
});

/** One row for each series of now. */
export const table = (title: string, about: string, unit: string, expr: string, columns = 12): Panel => ({
  title,
  about,
  kind: 'table',
  unit,
  queries: [{ expr, legend: '' }],
  columns,
  rows: 8,
});

// biome-ignore lint/suspicious/noTemplateCurlyInString: Grafana puts the chosen one in
const DATASOURCE = { type: 'prometheus', uid: '${datasource}' };

/** What Grafana reads (dashboard JSON model, schema version 39, Grafana 10.2 and newer). */
export function grafanaJson({ uid, title, about, choices, panels }: Dashboard): string {
  const model = {
    uid,
    title,
    description: about,
    tags: ['khidi'],
    schemaVersion: 39,
    editable: false,
    graphTooltip: 1,
    refresh: '10s',
    time: { from: 'now-1h', to: 'now' },
    timezone: 'browser',
    links: [{ type: 'dashboards', tags: ['khidi'], title: 'Khidi', asDropdown: true, keepTime: true, includeVars: true }],
    templating: { list: [datasource(), ...choices.map(variable)] },
    panels: placed(panels).map(({ panel, x, y }, i) => panelJson(panel, i + 1, { x, y, w: panel.columns, h: panel.rows })),
  };
  return `${JSON.stringify(model, undefined, 2)}\n`;
}

/** From left to right; what does not fit any more begins a new row. */
function placed(panels: readonly Panel[]): readonly { panel: Panel; x: number; y: number }[] {
  let x = 0;
  let y = 0;
  let height = 0;
  return panels.map((panel) => {
    if (x + panel.columns > ROW) {
      x = 0;
      y += height;
      height = 0;
    }
    const place = { panel, x, y };
    x += panel.columns;
    height = Math.max(height, panel.rows);
    return place;
  });
}

function panelJson({ title, about, kind, unit, queries, alarm }: Panel, id: number, gridPos: object): object {
  const isNow = kind !== 'timeseries';
  return {
    id,
    title,
    description: about,
    type: kind,
    datasource: DATASOURCE,
    gridPos,
    targets: queries.map(({ expr, legend }, i) => ({
      refId: String.fromCharCode(65 + i),
      datasource: DATASOURCE,
      expr,
      legendFormat: legend === '' ? '__auto' : legend,
      ...(isNow ? { instant: true, range: false } : { range: true }),
      ...(kind === 'table' ? { format: 'table' } : {}),
    })),
    fieldConfig: { defaults: { unit, ...(alarm === undefined ? {} : { thresholds: thresholds(alarm) }) }, overrides: [] },
    ...(kind === 'stat' ? { options: { reduceOptions: { calcs: ['lastNotNull'] }, textMode: 'auto' } } : {}),
    ...(kind === 'table' ? { transformations: [{ id: 'organize', options: { excludeByName: { Time: true } } }] } : {}),
  };
}

function thresholds({ watch, ill, low }: NonNullable<Panel['alarm']>): object {
  const steps = low
    ? [step('red', null), step('yellow', ill), step('green', watch)]
    : [step('green', null), step('yellow', watch), step('red', ill)];
  return { mode: 'absolute', steps };
}

const step = (color: string, value: number | null) => ({ color, value });

const datasource = () => ({ name: 'datasource', label: 'Prometheus', type: 'datasource', query: 'prometheus' });

const variable = ({ name, label, metric, of, regex = '' }: Choice) => ({
  name,
  label,
  type: 'query',
  datasource: DATASOURCE,
  query: { query: `label_values(${metric}, ${of})`, refId: name },
  regex,
  refresh: 2,
  sort: 1,
  multi: true,
  includeAll: true,
  allValue: '.*',
});
