export { RpcClient, type RpcClientOptions } from './rpc-client.ts';
export { RpcError } from './rpc-error.ts';
export { GOING_AWAY, type RpcMethod, RpcPeer } from './rpc-peer.ts';
export { RpcServer } from './rpc-server.ts';
