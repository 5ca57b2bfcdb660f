// @ts-check
export const fetched = 'curl -sSf -m 3 http://127.0.0.1/ | grep -qi "<html"';

export const webRoot = 'head -c 30000000 /dev/urandom > /var/www/html/big\n';

/** What is asked of a server of files, at port 80 unless another one is given. */
export const staticWeb = (address = 'http://127.0.0.1') => ({
  'big response': `curl -sSf -m 20 ${address}/big | cmp - /var/www/html/big`,
  'many clients': `ab -q -n 3000 -c 100 ${address}/ 2>&1 | grep -q "Failed requests: *0"`,
  'missing page': `curl -s -m 3 -o /dev/null -w "%{http_code}" ${address}/none | grep -q 404`,
});

/** A web server for those that pass on: it sends files, and answers an upload with its checksum. */
export const origin = `mkdir -p /srv/web; echo '<html>' > /srv/web/index.html; head -c 30000000 /dev/urandom > /srv/web/big
cat > /srv/origin.py <<'END'
import hashlib, http.server
class Handler(http.server.SimpleHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'
    def body(self):
        if 'Content-Length' in self.headers:
            yield self.rfile.read(int(self.headers['Content-Length']))
            return
        while size := int(self.rfile.readline(), 16):
            yield self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
    def do_POST(self):
        sum = hashlib.sha256()
        for part in self.body(): sum.update(part)
        answer = sum.hexdigest().encode()
        self.send_response(200)
        self.send_header('Content-Length', str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)
    def log_message(self, *_): pass
http.server.ThreadingHTTPServer(('127.0.0.1', 8000), Handler).serve_forever()
END
(cd /srv/web; setsid /usr/bin/python3 /srv/origin.py >/dev/null 2>&1 </dev/null &)
`;

/**
 * What is asked of a server that passes on to the origin.
 * @param {string} address what it passes on
 */
export const passingOn = (address, options = '') => {
  const curl = `curl -sSf -m 20 ${options}`;
  const upload = `head -c 9000000 /dev/urandom > /tmp/body; sum=$(sha256sum < /tmp/body)
    ${curl} -H 'Content-Type: application/octet-stream' --data-binary @/tmp/body`;
  return {
    // Slower than the origin, so that what waits is kept somewhere.
    'big response passed on': `${curl} --limit-rate 40M ${address}/big | cmp - /srv/web/big`,
    'upload passed on': `${upload} ${address}/ | grep -x "\${sum%% *}"`,
    'upload of unknown length': `${upload} -H 'Transfer-Encoding: chunked' ${address}/ | grep -x "\${sum%% *}"`,
  };
};
