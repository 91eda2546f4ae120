/**
 * Headers by which the prediction API tells a server, which gets no event of the API's, who called and by which API key.
 * The API sets both over whatever the caller sent.
 */
export const CALLER_HEADER = 'x-millrace-caller';
export const API_KEY_ID_HEADER = 'x-millrace-api-key-id';

/** What the header of the key says of an API that asks for none. */
export const NO_API_KEY = '-';

/** Who is named by one of these headers. */
export const callerIn = (header: string | undefined): string | undefined =>
  header === undefined || header === '' || header === NO_API_KEY ? undefined : header;
