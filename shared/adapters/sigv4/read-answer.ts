import { Buffer } from 'node:buffer';

/**
 * Answers of HTTP/1.1 (RFC 9112) as AWS's services give them, read from a connection's bytes as they come. Node's own
 * client takes ten milliseconds to send its first request and read its answer; a cold start waits for that.
 */

export interface HttpAnswer {
  readonly status: number;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Uint8Array;
}

/** The bytes are not an answer. */
export class MalformedAnswerError extends Error {
  override readonly name = 'MalformedAnswerError';
  readonly code = 'MALFORMED_ANSWER';
}

export interface ReadAnswer extends HttpAnswer {
  /** May the connection be used again? */
  readonly reusable: boolean;
}

export interface AnswerReader {
  /** @returns the answer once it is whole. @throws MalformedAnswerError */
  take(bytes: Buffer): ReadAnswer | undefined;
  /** The connection has ended. @returns the answer if its end was to be that of its body. */
  end(): ReadAnswer | undefined;
}

const MOST_HEAD_BYTES = 65_536;
const HEAD_END = '\r\n\r\n';
const LINE_END = '\r\n';

type Head = Pick<ReadAnswer, 'status' | 'headers' | 'reusable'>;

const STATUS_LINE = /^HTTP\/1\.([01]) (\d{3})(?: |$)/;
/** A token and its value: https://www.rfc-editor.org/rfc/rfc9110#name-fields. */
const FIELD = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*(.*?)[ \t]*$/;

const readHead = (text: string): Head => {
  const [statusLine = '', ...lines] = text.split(LINE_END);
  const [, minor, status] = STATUS_LINE.exec(statusLine) ?? [];
  if (status === undefined) throw new MalformedAnswerError('the answer does not begin with a status of HTTP/1.1');
  const headers: Record<string, string> = {};
  for (const line of lines) {
    const [, name, value = ''] = FIELD.exec(line) ?? [];
    if (name === undefined) throw new MalformedAnswerError('the answer has a header that is none');
    const key = name.toLowerCase();
    const standing = headers[key];
    headers[key] = standing === undefined ? value : `${standing}, ${value}`;
  }
  const closes = /\bclose\b/i.test(headers.connection ?? '');
  return { status: Number(status), headers, reusable: minor === '1' && !closes };
};

type Body = (bytes: Buffer) => Buffer | undefined;

/** What comes behind an answer belongs to none. */
class Excess {
  bytes = 0;
}

/** An announced length is written to in place, so that a model's bytes are copied once. */
const sizedBody = (length: number, excess: Excess): Body => {
  const whole = Buffer.allocUnsafeSlow(length);
  let written = 0;
  return (bytes) => {
    excess.bytes = Math.max(0, written + bytes.length - length);
    written += bytes.copy(whole, written);
    return written === length ? whole : undefined;
  };
};

const CHUNK_LINE = /^([0-9A-Fa-f]{1,8})[ \t]*(?:;.*)?$/;

/** https://www.rfc-editor.org/rfc/rfc9112#name-chunked-transfer-coding */
const chunkedBody = (excess: Excess): Body => {
  const parts: Buffer[] = [];
  let pending: Buffer = Buffer.alloc(0);
  let inTrailer = false;
  /** @returns undefined while the line is not whole. */
  const takeLine = (): string | undefined => {
    const end = pending.indexOf(LINE_END);
    if (end === -1) {
      if (pending.length > MOST_HEAD_BYTES) throw new MalformedAnswerError('the answer has a line without an end');
      return undefined;
    }
    const line = pending.toString('latin1', 0, end);
    pending = pending.subarray(end + LINE_END.length);
    return line;
  };
  /** @returns whether the trailer has ended. */
  const skipTrailer = (): boolean => {
    for (let line = takeLine(); line !== undefined; line = takeLine()) if (line === '') return true;
    return false;
  };
  /** @returns whether there was a whole chunk, or the last. */
  const takeChunk = (): boolean => {
    const before = pending;
    const line = takeLine();
    if (line === undefined) return false;
    const [, digits] = CHUNK_LINE.exec(line) ?? [];
    if (digits === undefined) throw new MalformedAnswerError('the answer has a chunk without a size');
    const size = Number.parseInt(digits, 16);
    inTrailer = size === 0;
    if (inTrailer) return true;
    if (pending.length < size + LINE_END.length) {
      pending = before;
      return false;
    }
    if (pending.toString('latin1', size, size + LINE_END.length) !== LINE_END) {
      throw new MalformedAnswerError('the answer has a chunk of another size than it says');
    }
    parts.push(pending.subarray(0, size));
    pending = pending.subarray(size + LINE_END.length);
    return true;
  };
  return (bytes) => {
    pending = pending.length === 0 ? bytes : Buffer.concat([pending, bytes]);
    while (!inTrailer) if (!takeChunk()) return undefined;
    if (!skipTrailer()) return undefined;
    excess.bytes = pending.length;
    return Buffer.concat(parts);
  };
};

const lengthOf = (text: string): number => {
  const length = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isSafeInteger(length)) return length;
  throw new MalformedAnswerError('the answer has a length that is no number');
};

/** By https://www.rfc-editor.org/rfc/rfc9112#name-message-body-length. @returns undefined for one that ends with the connection. */
const bodyOf = ({ status, headers }: Head, excess: Excess): Body | undefined => {
  if (status === 204 || status === 304) return sizedBody(0, excess);
  const coding = headers['transfer-encoding'];
  if (coding !== undefined) {
    if (coding.toLowerCase() === 'chunked') return chunkedBody(excess);
    throw new MalformedAnswerError('the answer has a transfer coding that is not read, only chunked');
  }
  const length = headers['content-length'];
  return length === undefined ? undefined : sizedBody(lengthOf(length), excess);
};

export const createAnswerReader = (): AnswerReader => {
  const excess = new Excess();
  const untilEnd: Buffer[] = [];
  let pending: Buffer | undefined;
  let head: Head | undefined;
  let body: Body | undefined;

  const takeBody = (bytes: Buffer, found: Head): ReadAnswer | undefined => {
    if (body === undefined) {
      untilEnd.push(bytes);
      return undefined;
    }
    const whole = body(bytes);
    return whole === undefined ? undefined : { ...found, body: whole, reusable: found.reusable && excess.bytes === 0 };
  };
  const take = (bytes: Buffer): ReadAnswer | undefined => {
    if (head !== undefined) return takeBody(bytes, head);
    const all = pending === undefined ? bytes : Buffer.concat([pending, bytes]);
    const end = all.indexOf(HEAD_END);
    if (end === -1) {
      if (all.length > MOST_HEAD_BYTES) throw new MalformedAnswerError('the answer has headers without an end');
      pending = all;
      return undefined;
    }
    const found = readHead(all.toString('latin1', 0, end));
    pending = undefined;
    const rest = all.subarray(end + HEAD_END.length);
    // An interim answer: the one that counts follows.
    if (found.status < 200) return take(rest);
    head = found;
    body = bodyOf(found, excess);
    return takeBody(rest, found);
  };
  return {
    take,
    end: () =>
      head === undefined || body !== undefined
        ? undefined
        : { ...head, body: Buffer.concat(untilEnd), reusable: false },
  };
};
