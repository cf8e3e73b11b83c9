export { ServerEventReader } from './client/server-event-reader.ts';
export { waterfall } from './terminal/waterfall.ts';
