const TYPES = ['application/json', 'text/html', 'text/plain', 'application/xml'] as const;
type ErrorType = (typeof TYPES)[number];

/** The type an error is answered in: the first of ours that the Accept field asks for, JSON where it asks for none of them. */
export function errorType(accept: string | undefined): ErrorType {
  if (accept === undefined) return 'application/json';
  let best: ErrorType = 'application/json';
  let bestQuality = 0;
  for (const part of accept.slice(0, 1_024).split(',')) {
    const [range = '', ...parameters] = part.split(';').map((piece) => piece.trim().toLowerCase());
    const quality = Number(parameters.find((parameter) => parameter.startsWith('q='))?.slice(2) ?? 1);
    const type = TYPES.find(
      (known) => known === range || (range.endsWith('/*') && known.startsWith(range.slice(0, -1))),
    );
    if (type !== undefined && quality > bestQuality) {
      best = type;
      bestQuality = quality;
    }
  }
  return best;
}

/** Content type and body of an error answer: the message and the request's id. */
export function errorBody(
  accept: string | undefined,
  message: string,
  requestId: string,
): { contentType: string; body: string } {
  const type = errorType(accept);
  const contentType = `${type}; charset=utf-8`;
  switch (type) {
    case 'application/json':
      return { contentType, body: `${JSON.stringify({ message, request_id: requestId }, null, 2)}` };
    case 'text/html':
      return {
        contentType,
        body: `<!doctype html>\n<html>\n  <head><meta charset="utf-8"><title>Error</title></head>\n  <body>\n    <h1>Error</h1>\n    <p>${escapeMarkup(message)}.</p>\n    <p>request_id: ${requestId}</p>\n  </body>\n</html>\n`,
      };
    case 'text/plain':
      return { contentType, body: `${message}\nrequest_id: ${requestId}\n` };
    case 'application/xml':
      return {
        contentType,
        body: `<?xml version="1.0" encoding="UTF-8"?>\n<error>\n  <message>${escapeMarkup(message)}</message>\n  <requestid>${requestId}</requestid>\n</error>\n`,
      };
  }
}

function escapeMarkup(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
