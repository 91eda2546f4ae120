import { REPORT_CONTENT_POLICY } from '../../shared/core/reports/index.ts';
import { type HttpResponse, jsonResponse } from '../../shared/http/index.ts';

/** A report as its data, or as a page that may load nothing. */
export const reportResponse = <Report>(
  format: 'html' | 'json',
  report: Report,
  render: (report: Report) => string,
): HttpResponse => {
  if (format === 'json') return jsonResponse(200, report);
  const headers = {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': REPORT_CONTENT_POLICY,
    'x-content-type-options': 'nosniff',
  };
  return { status: 200, headers, body: render(report) };
};
