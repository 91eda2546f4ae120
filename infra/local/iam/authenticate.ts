import { AwsError, type Caller } from '../contracts.ts';
import type { CredentialStore, Credentials } from './credentials.ts';
import { type Signature, type SignedRequest, signatureMatches, signatureTimeMs } from './signature.ts';

export interface Authentication {
  readonly credentials: CredentialStore;
  readonly nowMs: () => number;
  /**
   * The request never left this process: who holds the credentials has signed, and nobody could have changed what he
   * signed. Keys, tokens and expiry are checked all the same.
   */
  readonly inProcess?: boolean;
}

const refuse = (service: string, s3Code: string, code: string, message: string): AwsError =>
  new AwsError(service === 's3' ? s3Code : code, message, 403);

/** Refuses another session's token, and what is past its time. */
const requireValid = (known: Credentials, signature: Signature, nowMs: number): void => {
  const { service } = signature;
  if (known.sessionToken !== undefined && known.sessionToken !== signature.sessionToken) {
    throw refuse(
      service,
      'InvalidToken',
      'UnrecognizedClientException',
      'the security token included in the request is invalid',
    );
  }
  if (known.expiresAtMs !== undefined && nowMs >= known.expiresAtMs) {
    const message = 'The security token included in the request is expired';
    throw new AwsError(
      service === 's3' ? 'ExpiredToken' : 'ExpiredTokenException',
      message,
      service === 's3' ? 400 : 403,
    );
  }
  if (signature.expiresSeconds !== undefined) {
    const expiresAtMs = signatureTimeMs(signature.timestamp) + signature.expiresSeconds * 1_000;
    if (!(nowMs < expiresAtMs)) throw refuse(service, 'AccessDenied', 'SignatureDoesNotMatch', 'Request has expired');
  }
};

/**
 * Checks a signature against the known credentials. A skewed clock is not refused (virtual time may be decades away
 * from the caller's), only an expired presigned URL is.
 * @throws AwsError 403, with the name that the service would use.
 */
export const authenticate = (
  request: SignedRequest,
  signature: Signature,
  payloadHash: string,
  { credentials, nowMs, inProcess = false }: Authentication,
): Caller => {
  const { service } = signature;
  const known = credentials.find(signature.accessKeyId);
  if (known === undefined) {
    throw refuse(
      service,
      'InvalidAccessKeyId',
      'UnrecognizedClientException',
      `the security token included in the request is invalid: access key ${JSON.stringify(signature.accessKeyId)} is not known`,
    );
  }
  requireValid(known, signature, nowMs());
  if (!inProcess && !signatureMatches(request, signature, known, payloadHash)) {
    throw refuse(
      service,
      'SignatureDoesNotMatch',
      service === 'execute-api' || service === 'lambda' ? 'InvalidSignatureException' : 'SignatureDoesNotMatch',
      'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method.',
    );
  }
  const { callerArn, accessKeyId, sessionName } = known;
  return { arn: callerArn, accessKeyId, ...(sessionName === undefined ? {} : { sessionName }) };
};
