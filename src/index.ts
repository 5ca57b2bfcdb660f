/** The public interface: the shapes of what `--format json`, `check --format json`, `verify --format json` and `--profile` write. */

export { type CheckReport, checkReportSchema } from './emit/check-report.ts';
export { type Report, reportSchema } from './emit/report.ts';
export { type VerifyReport, verifyReportSchema } from './emit/verify-report.ts';
export { type Profile, profileSchema } from './profile/profile.ts';
