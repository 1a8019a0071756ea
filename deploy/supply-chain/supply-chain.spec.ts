import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { ALLOWED_LICENCES, isAllowed, type Licensed, licenceOf } from './licences.js';

interface Locked extends Licensed {
  readonly version?: string;
  readonly dev?: boolean;
  readonly devOptional?: boolean;
  readonly link?: boolean;
  readonly integrity?: string;
  readonly hasInstallScript?: boolean;
}

const lock = JSON.parse(readFileSync('package-lock.json', 'utf8')) as { readonly packages: Readonly<Record<string, Locked>> };
const project = JSON.parse(readFileSync('package.json', 'utf8')) as {
  readonly license: string;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
};
const production = Object.entries(lock.packages).filter(
  ([path, { dev, link }]) => path.startsWith('node_modules/') && dev !== true && link !== true,
);
const nameOf = (path: string) => path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
const page = readFileSync(join('docs', 'dependencies.md'), 'utf8');

/** The lock file leaves out what old packages say in the old way. */
function licenceIn(path: string, locked: Locked): string | undefined {
  const said = licenceOf(locked);
  const file = join(path, 'package.json');
  if (said !== undefined || !existsSync(file)) return said;
  return licenceOf(JSON.parse(readFileSync(file, 'utf8')) as Licensed);
}

describe('what the product is made of', () => {
  it('has licences that are allowed, every package of it', () => {
    const wrong = production
      .map(([path, locked]) => [path, licenceIn(path, locked)] as const)
      .filter(([, licence]) => licence === undefined || !isAllowed(licence));
    expect(wrong).toEqual([]);
    expect(production.length).toBeGreaterThan(100);
  });

  it('is pinned exactly, and locked by digests', () => {
    const wanted = { ...project.dependencies, ...project.devDependencies };
    expect(Object.entries(wanted).filter(([, version]) => !/^(npm:[a-z0-9-]+@)?\d+\.\d+\.\d+(-[\w.]+)?$/.test(version))).toEqual(
      [],
    );
    expect(production.filter(([, { integrity }]) => integrity?.startsWith('sha512-') !== true).map(([path]) => path)).toEqual([]);
  });

  it('needs no script at its installation, but for those that are told', () => {
    const scripts = production.filter(([, { hasInstallScript }]) => hasInstallScript === true).map(([path]) => nameOf(path));
    expect(scripts.filter((name) => !page.includes(`\`${name}\``))).toEqual([]);
    expect(readFileSync('.npmrc', 'utf8')).toContain('ignore-scripts=true');
  });

  it('is listed whole in the bill of materials (CycloneDX), and what is for development only is not', () => {
    const { status, stdout } = spawnSync('npm', ['run', '--silent', 'sbom'], { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
    expect(status).toBe(0);
    const bill = JSON.parse(stdout) as {
      bomFormat: string;
      specVersion: string;
      components: { purl?: string }[];
    };
    expect([bill.bomFormat, Number(bill.specVersion) >= 1.5]).toEqual(['CycloneDX', true]);
    const listed = new Set(
      bill.components.map(({ purl = '' }) => decodeURIComponent(purl.replace('pkg:npm/', '').replace(/\?.*$/, ''))),
    );
    expect(production.map(([path, { version }]) => `${nameOf(path)}@${version}`).filter((one) => !listed.has(one))).toEqual([]);
    expect([...listed].filter((one) => /^(jest|typescript|knip)@/.test(one))).toEqual([]);
  }, 60_000);
});

describe('the rule of dependencies', () => {
  it('names every licence that is allowed, and no other', () => {
    const told = [...page.matchAll(/^\| `([^`]+)` \| .+ \|$/gm)].map(([, licence]) => licence);
    expect(told).toEqual([...ALLOWED_LICENCES]);
  });

  it.each([
    ['MIT', true],
    ['GPL-3.0', false],
    ['(MIT OR GPL-3.0)', true],
    ['MIT AND GPL-3.0', false],
    ['SEE LICENSE IN x', false],
  ])('says of %s: %s', (expression, allowed) => {
    expect(isAllowed(expression)).toBe(allowed);
  });
});

describe('publiccode.yml', () => {
  const file = parse(readFileSync('publiccode.yml', 'utf8')) as {
    readonly publiccodeYmlVersion: string;
    readonly legal: { readonly license: string };
    readonly softwareType: string;
    readonly developmentStatus: string;
    readonly platforms: readonly string[];
    readonly description: {
      readonly en: { readonly shortDescription: string; readonly longDescription: string; readonly features: readonly string[] };
    };
    readonly maintenance: { readonly type: string; readonly contacts: readonly { readonly name: string }[] };
    readonly localisation: { readonly localisationReady: boolean; readonly availableLanguages: readonly string[] };
  };

  it('has what the standard asks for, within its limits', () => {
    expect(file.publiccodeYmlVersion).toMatch(/^0\.\d+(\.\d+)?$/);
    expect(file.legal.license).toBe(project.license);
    expect(file.softwareType).toBe('standalone/backend');
    expect(['concept', 'development', 'beta', 'stable', 'obsolete']).toContain(file.developmentStatus);
    expect(file.platforms.length).toBeGreaterThan(0);
    const { shortDescription, longDescription, features } = file.description.en;
    expect(shortDescription.length).toBeLessThanOrEqual(150);
    expect([longDescription.length >= 150, longDescription.length <= 10_000, features.length > 0]).toEqual([true, true, true]);
    expect(['internal', 'contract', 'community', 'none']).toContain(file.maintenance.type);
    expect(file.maintenance.contacts.every(({ name }) => name !== '')).toBe(true);
    expect(file.localisation.availableLanguages).toContain('en');
  });
});
