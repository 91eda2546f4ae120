import { sdkRow } from '../dynamodb-bench.ts';

export const row = sdkRow('puts');
