import prices from '../../infra/commands/prices.json' with { type: 'json' };

/** What a cloud spent since it began. */
export interface CloudFigures {
  /** To DynamoDB. */
  readonly requests: number;
  readonly readUnits: number;
  readonly writeUnits: number;
  /** Of the whole process: services and functions. */
  readonly cpuMs: number;
}

const MILLION = 1e6;

/** What one of `callCount` calls cost between two looks, as a line to show, with what a million cost on demand. */
export const costLine = (before: CloudFigures, after: CloudFigures, callCount: number): string => {
  const perCall = (figure: keyof CloudFigures): number => (after[figure] - before[figure]) / callCount;
  const usd = perCall('readUnits') * prices.dynamoDbReadUnit + perCall('writeUnits') * prices.dynamoDbWriteUnit;
  return [
    `${perCall('cpuMs').toFixed(2)} ms CPU`,
    `${perCall('requests').toFixed(2)} DynamoDB requests`,
    `${perCall('readUnits').toFixed(2)} read units`,
    `${perCall('writeUnits').toFixed(2)} write units a call`,
    `${(usd * MILLION).toFixed(2)} USD of DynamoDB a million calls`,
  ].join(', ');
};
