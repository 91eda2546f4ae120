import type { ResourceProvider, ServiceContext } from '../contracts.ts';
import { recordedProvider } from './recorded-type.ts';
import { RECORDED_TYPES } from './recorded-types.ts';

/** Providers of the types in `RECORDED_TYPES`: they answer `Ref` and `Fn::GetAtt` as CloudFormation does, and store. */
export const createRecordedResources = (context: ServiceContext): Readonly<Record<string, ResourceProvider>> =>
  Object.fromEntries(
    Object.entries(RECORDED_TYPES).map(([type, recorded]) => [type, recordedProvider(context, type, recorded)]),
  );
