// Prints which tests failed in vitest runs, with the first line of why, and `N passed, N failed, N skipped`, from their JSON
// reports: the end of a log is what is read first, and may be all that is kept of it. Usage: node scripts/closing-line.mjs REPORT...
import { existsSync, readFileSync } from 'node:fs';
import { basename, relative } from 'node:path';
import { stripVTControlCharacters } from 'node:util';

const total = { passed: 0, failed: 0, skipped: 0 };
const say = (file, name, message) => {
  const [first = ''] = stripVTControlCharacters(message ?? '').split('\n');
  process.stdout.write(`failed: ${relative(process.cwd(), file)}: ${name}: ${first.slice(0, 300)}\n`);
};
for (const file of process.argv.slice(2)) {
  if (!existsSync(file)) {
    process.stdout.write(`failed: ${basename(file, '.json')}: the run ended without a report\n`);
    total.failed += 1;
    continue;
  }
  const report = JSON.parse(readFileSync(file, 'utf8'));
  // A file of tests that could not be loaded has none that failed.
  const unread = report.testResults.filter(
    (suite) => suite.status === 'failed' && suite.assertionResults.length === 0,
  );
  for (const suite of unread) say(suite.name, 'not run', suite.message);
  for (const suite of report.testResults) {
    for (const { status, fullName, failureMessages } of suite.assertionResults)
      if (status === 'failed') say(suite.name, fullName, failureMessages[0]);
  }
  total.passed += report.numPassedTests;
  total.failed += report.numFailedTests + unread.length;
  total.skipped += report.numPendingTests + report.numTodoTests;
}
process.stdout.write(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped\n`);
