/** The public interface: the shapes of what `--format json` and `--profile` write. */

export { type Report, reportSchema } from './emit/report.ts';
export { type Profile, profileSchema } from './profile/profile.ts';
