#!/usr/bin/env node
// Only a step to the built program: it says in one sentence what is missing instead of a stack trace.
import { existsSync } from 'node:fs';

const program = new URL('../../../dist/apps/cli/src/main.js', import.meta.url);
if (existsSync(program)) await import(program.href);
else {
  process.stderr.write('khidi is not built yet: run "npm run build" (or "npm run up") in the project first.\n');
  process.exitCode = 2;
}
