import { titleOf, type HttpApp } from '@aisle/platform';
import { problemCodes, problemsOf, type KnownProblem } from './problems.ts';

/** The next step of a client, by the kind of a failure. */
const NEXT: Readonly<Record<string, string>> = {
  invalid: 'Correct the request. The same request fails again.',
  unauthorized: 'Send valid credentials.',
  forbidden: 'Ask for the missing right. The same request fails again.',
  rejected: 'A rule refuses the request, and nothing has changed. Send another request.',
  missing: 'Check the id. The same request fails until somebody creates the resource.',
  conflict: 'Read the resource again, and decide anew.',
  precondition: 'Read the resource again, and send the request with its current ETag.',
  throttled: 'Send the same request again after Retry-After, under the same Idempotency-Key.',
  unavailable: 'Send the same request again after Retry-After, under the same Idempotency-Key.',
  unknown: 'The outcome is unknown. Send the same request again after Retry-After, under the same Idempotency-Key.',
};

const STYLE = 'body{font:16px/1.5 system-ui,sans-serif;max-width:44em;margin:3em auto;padding:0 1em}code{background:#8882;padding:.1em .3em}';
const HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  'cache-control': 'public, max-age=3600',
  'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
};

/** Serves a page for each type of problems, at its URL, and a list of them at `/problems`. */
export function serveProblemPages(app: HttpApp): void {
  const fastify = app.getHttpAdapter().getInstance();
  fastify.get('/problems', (_request, reply) => reply.headers(HEADERS).send(listPage()));
  fastify.get<{ Params: { code: string } }>('/problems/:code', ({ params: { code } }, reply) => {
    const problems = problemsOf(code);
    if (problems.length === 0) return reply.callNotFound();
    return reply.headers(HEADERS).send(problemPage(code, problems));
  });
}

function listPage(): string {
  const items = problemCodes().map((code) => `<li><a href="/problems/${code}"><code>${code}</code></a> ${escaped(sentenceOf(code))}</li>`);
  return page('Problems', `<p>The failures that the gateway answers as <code>application/problem+json</code> (RFC 9457).</p><ul>${items.join('')}</ul>`);
}

function problemPage(code: string, problems: readonly KnownProblem[]): string {
  const reasons = problems.map(({ status, kind, sentence, details }) => `
<h2>${status}: ${escaped(sentence)}</h2>
<p>${NEXT[kind]}</p>${details.length === 0 ? '' : `
<p>Facts in <code>details</code>: ${details.map((name) => `<code>${escaped(name)}</code>`).join(', ')}</p>`}`);
  return page(titleOf(code), `<p><code>${code}</code></p>${reasons.join('')}<p><a href="/problems">All problems</a> · <a href="/docs">API</a></p>`);
}

function sentenceOf(code: string): string {
  return problemsOf(code)[0]?.sentence ?? '';
}

function page(title: string, body: string): string {
  return `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">`
    + `<title>${title} · Aisle</title><style>${STYLE}</style><h1>${title}</h1>${body}</html>\n`;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
