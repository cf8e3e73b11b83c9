/** Pieces of spans as gateways encode them, with what differs from request to request cut out; the most frequent come last. */
const PIECES: readonly string[] = [
  '*\x12kong.tls_handshake0\x019J\x1b\n\x16tls.client.server_name\x12\n\n\x08J\x17\n\x12tls.client.subject\x12\n\n\x08J\x17\n\x12tls.server.subject\x12\n\n\x08J\x0f\n\ntls.cipher\x12\n\n\x08J\x10\n\x0btls.resumed\x12\n\n\x08',
  '*\x1akong.read_client_http_body0\x019',
  '*\x14kong.rewrite.plugin.0\x019*\x13kong.access.plugin.0\x019J"\n\x1dproxy.kong.plugin.instance_id\x12\n\n\x08J"\n\x1dproxy.kong.plugin.exit_status\x12\x03\x18',
  '*\x1akong.header_filter.plugin.0\x019*\x18kong.body_filter.plugin.0\x019*\x15kong.response.plugin.0\x019',
  '*\x08kong.dns0\x039J\x19\n\x14proxy.kong.dns.entry\x12\n\n\x08*\x14kong.io.http.request0\x039*\x0ekong.io.redis.0\x039*\x0fkong.io.socket.0\x039',
  'J\x1b\n\x16proxy.kong.upstream_id\x12\n\n\x08J\x1b\n\x16proxy.kong.consumer_id\x12\n\n\x08',
  '*\x04kong0\x029J&\n\x08url.full\x12\x1a\nJ\x9f\x80\x00\n\x0eclient.address\x12\x8b\x80\x00\nJ\x13\n\x0bclient.port\x12\x04\x18J\xa5\x80\x00\n\x14network.peer.address\x12\x8b\x80\x00\nJ\x19\n\x11network.peer.port\x12\x04\x18J\x9f\x80\x00\n\x0eserver.address\x12\x8b\x80\x00\nJ\x13\n\x0bserver.port\x12\x04\x18\xb8\x94\x01J\xa1\x80\x00\n\x15network.protocol.name\x12\x86\x80\x00\n\x04httpJ\x9e\x80\x00\n\x13http.request.method\x12\x85\x80\x00\n\x03GETJ\x1c\n\x16http.request.body.size\x12\x02\x18\x00J\x17\n\x11http.request.size\x12\x02\x18*J\x1e\n\x17http.response.body.size\x12\x03\x18\x80\x08J\x19\n\x12http.response.size\x12\x03\x18\x9a\nJ;\n\x15proxy.kong.request.id\x12"\nJ$\n\x17proxy.kong.request.time\x12\x09!J\x96\x80\x00\n\nurl.scheme\x12\x86\x80\x00\n\x04httpJ\xa3\x80\x00\n\x18network.protocol.version\x12\x85\x80\x00\n\x031.1J\xaf\x80\x00\n\x18http.request.header.host\x12\x91\x80\x00\nJ&\n\x1fproxy.kong.upstream_status_code\x12\x03\x18\xc8\x01J \n\x19http.response.status_code\x12\x03\x18\xc8\x01J(\n\x1bproxy.kong.latency.upstream\x12\x09!J%\n\x18proxy.kong.latency.total\x12\x09!J(\n\x1bproxy.kong.latency.internal\x12\x09!J\x1a\n\x14proxy.kong.client_KA\x12\x02\x10\x00J\xac\x80\x80\x00\n!proxy.kong.latency.net_io_timings\x12\x84\x80\x80\x00*\x80\x80\x00',
  '*\x1dkong.read_client_http_headers0\x019J#\n\x1dproxy.kong.http_headers_count\x12\x02\x18\x01J"\n\x1cproxy.kong.http_headers_size\x12\x02\x18*',
  '*\x12kong.phase.rewrite0\x019',
  "*\x0bkong.router0\x019J\x1f\n\x19proxy.kong.router.matched\x12\x02\x10\x01J\xc6\x80\x00\n\x1aproxy.kong.router.route_id\x12\xa6\x80\x00\nJ\xc8\x80\x00\n\x1cproxy.kong.router.service_id\x12\xa6\x80\x00\nJ'\n\x1fproxy.kong.router.upstream_path\x12\x04\nJ!\n\x1bproxy.kong.router.cache_hit\x12\x02\x10\x01",
  '*\x11kong.phase.access0\x019',
  '*\x17kong.upstream.selection0\x019J\xb3\x80\x00\n proxy.kong.upstream.lb_algorithm\x12\x8d\x80\x00\n\x0bround-robin',
  '*\x1bkong.upstream.find_upstream0\x039J\xa5\x80\x00\n\x14network.peer.address\x12\x8b\x80\x00\nJ\xa2\x80\x00\n\x11network.peer.name\x12\x8b\x80\x00\nJ\x19\n\x11network.peer.port\x12\x04\x18J\x0f\n\x09try_count\x12\x02\x18\x01J\x0f\n\x09keepalive\x12\x02\x10\x01',
  '*\x18kong.phase.header_filter0\x019',
  '*\x16kong.phase.body_filter0\x019',
  '*\x1dkong.send_request_to_upstream0\x039',
  '*\x1fkong.read_headers_from_upstream0\x039',
  '*\x1ckong.read_body_from_upstream0\x039',
  '*\x19kong.wait_for_client_read0\x019',
];

/**
 * What spans are deflated against, so that a trace holds only what is its own. Every trace that is kept needs it as it is: it is never
 * changed. Bytes that were deflated without it inflate with it too.
 */
export const SPANS_DICTIONARY = Buffer.from(PIECES.join(''), 'latin1');
