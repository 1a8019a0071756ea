import { planRuns } from './test-runs.js';

describe('when all tests are wanted', () => {
  it('runs the light projects side by side and those with servers in band', () => {
    expect(planRuns([])).toEqual([
      { needsServers: false, args: ['--passWithNoTests', '--selectProjects', 'unit', 'conformance'] },
      { needsServers: true, args: ['--runInBand', '--passWithNoTests', '--selectProjects', 'stream', 'flow'] },
    ]);
  });
});

describe('when projects are selected', () => {
  it('runs only these and needs no servers for the light ones', () => {
    expect(planRuns(['--selectProjects', 'unit'])).toEqual([
      { needsServers: false, args: ['--passWithNoTests', '--selectProjects', 'unit'] },
    ]);
  });

  it('passes everything else on', () => {
    expect(planRuns(['--selectProjects', 'disturbance'])).toEqual([
      { needsServers: true, args: ['--runInBand', '--passWithNoTests', '--selectProjects', 'disturbance'] },
    ]);
    expect(planRuns(['--selectProjects', 'flow', 'poison', '--verbose'])).toEqual([
      { needsServers: true, args: ['poison', '--verbose', '--runInBand', '--passWithNoTests', '--selectProjects', 'flow'] },
    ]);
  });
});
