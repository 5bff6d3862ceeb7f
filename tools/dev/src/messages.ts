// `npm run messages`: writes all messages between processes into docs/messages.md.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { renderMessages } from './messages/render-messages.ts';
import { workspaceRoot } from './workspace.ts';

writeFileSync(join(workspaceRoot, 'docs/messages.md'), renderMessages());
