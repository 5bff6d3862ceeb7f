import { failures } from '@aisle/std';

/** Failures of the conditions of a request (RFC 9110, section 13). */
export const PreconditionFailure = failures('precondition', {
  /** The document has changed since the caller read it. */
  failed: ['precondition', 'the document does not match If-Match; read it again', (etag: string) => ({ etag })],
  malformed: [
    'invalid', (header: string) => `the ${header} header must be * or a list of ETags as they were answered, such as "7" or "6", "7"`,
    (header: string) => ({ header }),
  ],
  /** RFC 6585, section 3. */
  required: ['precondition', 'the If-Match header must say which revision this replaces, or * for any'],
  unsupported: ['precondition', 'this route answers no ETag, so no condition on one can be fulfilled'],
});

/** Failures of the `Idempotency-Key` of a request. */
export const IdempotencyFailure = failures('idempotency', {
  keyInvalid: ['invalid', (right: string) => `the Idempotency-Key header ${right}`],
});
