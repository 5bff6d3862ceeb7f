// Lets Node run the workspace's TypeScript from source: `node --import ./tools/dev/swc-hook.mjs x.ts`. Node's own type
// stripping has no decorator metadata, which Nest's injection needs.
import { register } from 'node:module';

register('./swc-loader.mjs', import.meta.url);
process.setSourceMapsEnabled(true);
