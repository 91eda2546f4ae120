/** Addresses that lead nowhere, or not that way, of the prediction API and the platform API. */

export type AddressCase = readonly [method: string, path: string, status: number, says: RegExp];

/** `LONG` in a path stands for a name of so many characters: more than a key of DynamoDB may have. */
export const LONG_NAME = 'm'.repeat(3_000);

export const PREDICTION_ADDRESSES: readonly AddressCase[] = [
  ['POST', '/models/nope/predict', 404, /model "nope" is not deployed; deployed: idle, toy/],
  ['PUT', '/models/nope/predict', 404, /model "nope" is not deployed/],
  ['POST', '/models/__proto__/predict', 404, /model "__proto__" is not deployed/],
  ['POST', '/models/LONG/predict', 404, /model "m{60}…" is not deployed/],
  ['POST', '/models/%2e%2e/predict', 400, /must not hold \. or \.\. segments/],
  ['POST', '/models/toy/../toy/predict', 400, /must not hold \. or \.\. segments/],
  ['POST', '/models/toy%2fpredict', 404, /model "toy\/predict" is not deployed/],
  ['POST', '/models/toy%00/predict', 404, /model "toy\\u0000" is not deployed/],
  ['POST', '/models/%ff/predict', 404, /model "%ff" is not deployed/],
  ['POST', '/models/toy/nothing', 404, /nothing is at \/models\/toy\/nothing/],
  ['POST', '/models/idle/predict', 503, /no version of idle is in service/],
  ['GET', '/models/toy/predict', 405, /GET is not allowed at .*; allowed: POST/],
  ['PATCH', '/models/toy/ground-truth', 405, /PATCH is not allowed at .*; allowed: POST/],
  ['GET', '/v2/models/toy/infer', 405, /allowed: POST/],
  ['DELETE', '/v2', 405, /allowed: GET/],
  ['POST', '/v2/health/live', 405, /allowed: GET/],
  ['GET', '/v2/health', 404, /nothing is at \/v2\/health/],
  ['GET', '/v2/models/nope', 404, /model "nope" is not deployed/],
  ['GET', '/v2/models/nope/ready', 404, /model "nope" is not deployed/],
  ['GET', '/v2/models/toy/versions/9/ready', 404, /version 9 of toy is not in service; version 1 is/],
  ['POST', '/v2/models/toy/versions/__proto__/infer', 404, /version __proto__ of toy is not in service/],
  ['POST', '/v2/models/..%2f..%2fetc%2fpasswd/infer', 404, /model "\.\.\/\.\.\/etc\/passwd" is not deployed/],
  ['GET', '/v2?__proto__=1&constructor=2&constructor=3', 200, /^$/],
];

export const PLATFORM_ADDRESSES: readonly AddressCase[] = [
  ['GET', '/models/nope', 404, /model "nope" does not exist/],
  ['GET', '/models/LONG/versions', 404, /model "m{60}…" does not exist/],
  ['GET', '/models/toy%23versions/runs', 404, /model "toy#versions" does not exist/],
  ['GET', '/models/__proto__/rollouts', 404, /model "__proto__" does not exist/],
  ['GET', '/models/toy/versions/9', 404, /toy@9 is not registered/],
  ['GET', '/models/toy/versions/1e3', 400, /version must be a whole number from 1, got "1e3"/],
  ['GET', '/models/toy/versions?limit=101', 400, /limit must be at most 100, got 101/],
  ['GET', '/models/toy/runs?limit=NaN', 400, /limit must be a whole number from 1, got "NaN"/],
  ['GET', '/models/toy/rollouts?cursor=abc', 400, /cursor is not one that this list gave out/],
  ['GET', '/models/toy/lineage/cat/1', 400, /kind must be .*"model-version".*got "cat"/],
  ['GET', '/models/toy/lineage/run/LONG', 404, /run toy\/m+… has no lineage/],
  [
    'GET',
    '/models/toy/lineage/model-version/1?direction=up',
    400,
    /direction must be .*"upstream" \| "downstream".*got "up"/,
  ],
  ['GET', '/lineage/cat/1', 400, /kind must be .*"dataset".*got "cat"/],
  ['GET', '/lineage/run/LONG', 404, /run m+… has no lineage/],
  ['GET', '/lineage/dataset/none?depth=101', 400, /depth must be at most 100, got 101/],
  ['GET', '/lineage/dataset/none?at=yesterday', 400, /at must be an instant in ISO 8601.*got "yesterday"/],
  ['GET', '/lineage/dataset/none?cursor=abc', 400, /cursor is not one that this list gave out/],
  ['GET', '/models/toy/train', 405, /allowed: POST/],
  ['DELETE', '/models/toy', 405, /allowed: GET/],
  ['POST', '/models/nope/train', 404, /model "nope" is not deployed/],
  ['POST', '/models/LONG/versions/1/approve', 404, /model "m{60}…" does not exist/],
  ['POST', '/models/toy/versions/0/approve', 400, /version must be a whole number from 1, got "0"/],
  ['POST', '/models/idle/versions/7/reject', 404, /idle@7 is not registered/],
  ['POST', '/models/toy/versions/1/reject', 409, /toy@1 is APPROVED by policy:automatic/],
  ['GET', '/models?__proto__=1&toString=2', 200, /^$/],
];
