import { planRuns } from './test-runs.js';

describe('when all tests are wanted', () => {
  it('runs those that compute first, then those with servers, two files at a time', () => {
    expect(planRuns([])).toEqual([
      { needsServers: false, args: ['--maxWorkers=2', '--passWithNoTests', '--selectProjects', 'unit', 'conformance'] },
      { needsServers: true, args: ['--maxWorkers=2', '--passWithNoTests', '--selectProjects', 'stream', 'flow'] },
    ]);
  });
});

describe('when projects are selected', () => {
  it('runs only these and needs no servers for the light ones', () => {
    expect(planRuns(['--selectProjects', 'unit'])).toEqual([
      { needsServers: false, args: ['--maxWorkers=2', '--passWithNoTests', '--selectProjects', 'unit'] },
    ]);
  });

  it('passes everything else on, and runs disturbances alone', () => {
    expect(planRuns(['--selectProjects', 'disturbance'])).toEqual([
      { needsServers: true, args: ['--runInBand', '--passWithNoTests', '--selectProjects', 'disturbance'] },
    ]);
    expect(planRuns(['--selectProjects', 'flow', 'poison', '--verbose'])).toEqual([
      { needsServers: true, args: ['poison', '--verbose', '--maxWorkers=2', '--passWithNoTests', '--selectProjects', 'flow'] },
    ]);
  });
});
