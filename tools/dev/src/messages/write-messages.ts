// `npm run messages`: writes all messages between processes into docs/messages.md.
import { writeFileSync } from 'node:fs';
import { renderMessages } from './render-messages.ts';

writeFileSync(new URL('../../../../docs/messages.md', import.meta.url), renderMessages());
