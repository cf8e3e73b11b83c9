export { codingsOf, type DecodedBody, decodeBody } from './decode-body.ts';
