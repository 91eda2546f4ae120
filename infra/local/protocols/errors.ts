import type { AwsError, WireResponse } from '../contracts.ts';

/** Services whose errors are XML in the query protocol's envelope. */
const QUERY_SERVICES = new Set(['sns', 'sts', 'iam', 'cloudformation', 'elasticloadbalancing']);

const escapeXml = (text: string): string =>
  text.replace(
    /[<>&"']/g,
    (char) => ({ '<': '&lt;', '>': '&gt;', '&': '&amp;', '"': '&quot;', "'": '&apos;' })[char] ?? char,
  );

const jsonError = (error: AwsError, requestId: string): WireResponse => ({
  status: error.status,
  headers: { 'content-type': 'application/json', 'x-amzn-errortype': error.code, 'x-amzn-requestid': requestId },
  body: JSON.stringify({ __type: error.code, message: error.message }),
});

/** An error raised before or outside a service (authentication, an unknown service, a bug), in that service's protocol. */
export const renderError = (service: string, error: AwsError, requestId: string): WireResponse => {
  const fields = `<Code>${escapeXml(error.code)}</Code><Message>${escapeXml(error.message)}</Message>`;
  const xml = { status: error.status, headers: { 'content-type': 'application/xml', 'x-amz-request-id': requestId } };
  const declaration = '<?xml version="1.0" encoding="UTF-8"?>\n';
  if (service === 's3') {
    return { ...xml, body: `${declaration}<Error>${fields}<RequestId>${requestId}</RequestId></Error>` };
  }
  if (QUERY_SERVICES.has(service)) {
    const type = error.status < 500 ? 'Sender' : 'Receiver';
    return {
      ...xml,
      body: `${declaration}<ErrorResponse><Error><Type>${type}</Type>${fields}</Error><RequestId>${requestId}</RequestId></ErrorResponse>`,
    };
  }
  return jsonError(error, requestId);
};
