// Prints `N passed, N failed, N skipped` of vitest runs from their JSON reports. Usage: node scripts/closing-line.mjs REPORT...
import { readFileSync } from 'node:fs';

const total = { passed: 0, failed: 0, skipped: 0 };
for (const file of process.argv.slice(2)) {
  const report = JSON.parse(readFileSync(file, 'utf8'));
  // A file of tests that could not be loaded has none that failed.
  const unread = report.testResults.filter(
    (suite) => suite.status === 'failed' && suite.assertionResults.length === 0,
  ).length;
  total.passed += report.numPassedTests;
  total.failed += report.numFailedTests + unread;
  total.skipped += report.numPendingTests + report.numTodoTests;
}
process.stdout.write(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped\n`);
