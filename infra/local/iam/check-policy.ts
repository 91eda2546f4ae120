import { AwsError } from '../contracts.ts';
import { compilePolicy, type PolicyKind } from './policy/policy-document.ts';

/**
 * Refuses a policy that AWS would refuse, or that cannot be evaluated here as AWS would.
 * @param place where the policy stands, for the message
 * @throws AwsError MalformedPolicyDocument that names what is wrong
 */
export const checkPolicy = (place: string, document: unknown, kind: PolicyKind): void => {
  try {
    compilePolicy(document, kind);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new AwsError('MalformedPolicyDocument', `${place}: ${reason}`);
  }
};
