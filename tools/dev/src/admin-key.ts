// `npm run admin-key`: a key of the administrator, and the setting of the gateways that accept it.
import { makeAdminKey } from './launcher/access.ts';

const { text, setting, ops } = makeAdminKey();
console.log(`The key, for the administrator; it is shown only now:\n  ${text}\n`);
console.log(`The setting of every gateway:\n  ADMIN_KEY_SHA256=${setting.ADMIN_KEY_SHA256}\n`);
console.log(`The setting of every app, for its ops port:\n  OPS_KEY_SHA256=${ops.OPS_KEY_SHA256}`);
