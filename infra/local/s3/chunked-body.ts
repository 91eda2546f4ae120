import { Buffer } from 'node:buffer';
import { s3Error } from './errors.ts';

/**
 * `aws-chunked` content: `<hex size>[;chunk-signature=…]\r\n<bytes>\r\n … 0[;…]\r\n<trailer>\r\n\r\n`. Chunk signatures are
 * not verified: the request's own signature and the checksums are.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html
 */
const MAX_LINE_BYTES = 8 * 1024;
const CRLF = '\r\n';
const SIZE = /^([0-9a-fA-F]{1,8})(;.*)?$/;

type State = 'size' | 'data' | 'end of data' | 'trailer' | 'done';

interface ChunkedDecoder {
  /** The content in this piece of the stream. @throws AwsError IncompleteBody */
  decode(piece: Buffer): readonly Buffer[];
  /** Headers behind the content, lower case. @throws AwsError IncompleteBody when the content was cut off. */
  finish(): Readonly<Record<string, string>>;
}

export const createChunkedDecoder = (): ChunkedDecoder => {
  const trailers: Record<string, string> = {};
  let pending: Buffer = Buffer.alloc(0);
  let state: State = 'size';
  let remaining = 0;

  const takeLine = (): string | undefined => {
    const end = pending.indexOf(CRLF);
    if (end < 0) {
      if (pending.length > MAX_LINE_BYTES) throw s3Error('IncompleteBody');
      return undefined;
    }
    const line = pending.toString('latin1', 0, end);
    pending = pending.subarray(end + CRLF.length);
    return line;
  };

  const readSize = (line: string): void => {
    const match = SIZE.exec(line);
    if (match === null) throw s3Error('IncompleteBody');
    remaining = Number.parseInt(match[1] ?? '0', 16);
    state = remaining === 0 ? 'trailer' : 'data';
  };

  const readTrailer = (line: string): void => {
    const colon = line.indexOf(':');
    if (line === '') state = 'done';
    else if (colon > 0) trailers[line.slice(0, colon).trim().toLowerCase()] = line.slice(colon + 1).trim();
  };

  const readLine = (line: string): void => {
    if (state === 'size') readSize(line);
    else if (state === 'trailer') readTrailer(line);
    else if (line === '') state = 'size';
    else throw s3Error('IncompleteBody');
  };

  const takeData = (): Buffer | undefined => {
    if (pending.length === 0) return undefined;
    const taken = pending.subarray(0, remaining);
    remaining -= taken.length;
    pending = pending.subarray(taken.length);
    if (remaining === 0) state = 'end of data';
    return taken;
  };

  /** Takes one step; false when more of the stream is needed. */
  const step = (content: Buffer[]): boolean => {
    if (state === 'done') return false;
    if (state === 'data') {
      const data = takeData();
      if (data) content.push(data);
      return data !== undefined;
    }
    const line = takeLine();
    if (line !== undefined) readLine(line);
    return line !== undefined;
  };

  return {
    decode: (piece) => {
      pending = pending.length === 0 ? piece : Buffer.concat([pending, piece]);
      const content: Buffer[] = [];
      while (step(content));
      return content;
    },
    finish: () => {
      // Some clients leave out the empty line that closes the trailer.
      if (state !== 'done' && state !== 'trailer') throw s3Error('IncompleteBody');
      return trailers;
    },
  };
};
