import { both, each, type ProbeFile } from '../probe.ts';

const acts = ["tell_systemd('first')", "child(lambda: tell_systemd('child'))"];
/** So that whatever does not listen are the lines. */
const unit = { unit: ['NotifyAccess=all'] };

export default {
  directive: 'NotifyAccess',
  probes: [
    ...both('NotifyAccess=main', acts, unit),
    ...each('NotifyAccess=exec', acts, unit),
    ...both('NotifyAccess=none', acts, unit),
    ...each(['NotifyAccess=none', 'FileDescriptorStoreMax=2'], acts, unit),
    ...each(['NotifyAccess=none', 'WatchdogSec=0', 'NotifyAccess=all'], acts, unit),
    ...each(['NotifyAccess=main', 'NotifyAccess=some'], acts, unit),
  ],
} satisfies ProbeFile;
