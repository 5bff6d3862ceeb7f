import { LIMITS } from './limits.ts';

/** Realms of one shared machine. A fault costs all of them, and each takes about 150 kB. */
export const SHARED_REALMS = 16;
/** The pages of a realm and its script. The room of a call besides is that of a script in a memory of its own. */
const REALM_PAGES = 4;
const PAGE_BYTES = 64 * 1024;

/** The numbers of a realm in the header. */
export const REALM_ADDRESSES = 4;

/** A place for a template that the threads of a sandbox make once, and share. */
export interface TemplateSeat {
  readonly memory: SharedArrayBuffer;
  readonly pages: number;
  /** The state, the address of the runtime, and those of the realms. */
  readonly header: Int32Array<SharedArrayBuffer>;
}

/** An empty place for the template of shared machines. */
export function newSeat(): TemplateSeat {
  const pages = LIMITS.memoryPages + SHARED_REALMS * REALM_PAGES;
  const numbers = 2 + SHARED_REALMS * REALM_ADDRESSES;
  return {
    memory: new SharedArrayBuffer(pages * PAGE_BYTES), pages, header: new Int32Array(new SharedArrayBuffer(4 * numbers)),
  };
}
