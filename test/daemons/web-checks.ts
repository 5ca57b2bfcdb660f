export const fetched = 'curl -sSf -m 3 http://127.0.0.1/ | grep -qi "<html"';
export const webRoot = 'head -c 30000000 /dev/urandom > /var/www/html/big; ';
export const web: Readonly<Record<string, string>> = {
  'big response': 'curl -sSf -m 20 http://127.0.0.1/big | cmp - /var/www/html/big',
  'part of a file': 'test $(curl -sSf -m 5 -r 100-299 http://127.0.0.1/big | wc -c) = 200',
  'many clients': 'ab -q -n 3000 -c 100 http://127.0.0.1/ 2>&1 | grep -q "Failed requests: *0"',
  'missing page': 'curl -s -m 3 -o /dev/null -w "%{http_code}" http://127.0.0.1/none | grep -q 404',
};
/** A web server of its own for those that only pass on. */
export const origin = `mkdir -p /srv/web; echo '<html>' > /srv/web/index.html; head -c 30000000 /dev/urandom > /srv/web/big
(cd /srv/web; setsid /usr/bin/python3 -m http.server 8000 >/dev/null 2>&1 </dev/null &)
`;

/** A unit as an administrator writes it, for a server that no package has. */
export const plainUnit = `[Service]
ExecStart=/usr/bin/python3 -m http.server 8000 --directory /var/www/html
User=www-data
`;
