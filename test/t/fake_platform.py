"""fake_platform.py LOG [CERTIFICATE KEY]

Plays WeCom, DingTalk, Feishu and a receiver of CloudEvents on a free port of
the loopback interface, which it prints.  The first part of a path says how to
behave, the second which platform to play:

    /ok/wecom/cgi-bin/webhook/send        /status-500/events

Signatures are checked with Python's own hmac.  Each request becomes a line of
JSON in LOG before it is answered; what was wrong with it stands in "problems".
"""
import base64
import hashlib
import hmac
import json
import os
import socket
import ssl
import struct
import sys
import threading
import time
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

WECOM_KEY = 'wecom-key-&-0001'
CORP_ID, CORP_SECRET = 'ww-corp', 'corp-secret+0001'
DING_TOKEN, DING_SIGN = 'ding-token-0001', 'SECding-sign-0001'
FEISHU_HOOK, FEISHU_SIGN = 'feishu-hook-0001', 'feishu-sign-0001'
BEARER, EVENT_SIGN = 'bearer-token-0001', 'event-sign-0001'

lock = threading.Lock()
counts = {}
tokens = []
connections = 0


def hmac_base64(key, text):
    return base64.b64encode(hmac.new(key.encode(), text.encode(), hashlib.sha256).digest()).decode()


def ding_signature(timestamp, secret):
    return hmac_base64(secret, f'{timestamp}\n{secret}')


def feishu_signature(timestamp, secret):
    return hmac_base64(f'{timestamp}\n{secret}', '')


# Signatures that are known to be right: this judge must be able to judge.
assert ding_signature(1700000000000, 'SECtest') == 'aZLLrriXgn05YbwaGR7knYsLeJADjr9NwLaNNKpxh4g='
assert feishu_signature(1599360473, 'demo') == 'l1N0gAcBjdwBvGm1xMjOF0XSyaLRpR7tuO5dHfhAYc8='
assert feishu_signature(100, 'demo') == 'jquNHnVOwmDRfw+vqTIrY5dooJAgi5EcRtLsQE4wfXg='


def count(what):
    with lock:
        counts[what] = counts.get(what, 0) + 1
        return counts[what]


class Handler(BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'

    def setup(self):
        global connections
        super().setup()
        with lock:
            connections += 1
            self.connection_no = connections

    def log_message(self, *args):
        pass

    def do_GET(self):
        self.answer(None)

    def do_POST(self):
        self.answer(self.rfile.read(int(self.headers['Content-Length'])))

    def answer(self, raw):
        url = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(url.query).items()}
        _, mode, platform, *rest = url.path.split('/')
        text = raw.decode() if raw is not None else None
        body = json.loads(text) if text else {}
        problems, reply = getattr(self, 'play_' + platform)(mode, '/'.join(rest), query, body, text)
        if raw is not None:
            wanted = 'application/cloudevents+json; charset=utf-8' if platform == 'events' else 'application/json; charset=utf-8'
            if self.headers['Content-Type'] != wanted:
                problems.append(f'content type {self.headers["Content-Type"]}')
        line = {'at': time.time(), 'mode': mode, 'platform': platform, 'path': url.path, 'method': self.command, 'body': body,
                'text': text, 'problems': problems, 'connection': self.connection_no, 'agent': self.headers['User-Agent']}
        with lock:
            with open(sys.argv[1], 'a', encoding='utf-8') as log:
                log.write(json.dumps(line) + '\n')
        self.behave(mode, url.path, reply)

    # --- the platforms: problems, and what they answer when all is well or not

    def play_wecom(self, mode, path, query, body, text):
        problems = []
        if path != 'cgi-bin/webhook/send':
            problems.append('path')
        if query != {'key': WECOM_KEY}:
            problems.append('key')
            return problems, {'errcode': 93000, 'errmsg': 'invalid webhook url'}
        if body.get('msgtype') != 'markdown' or len(body['markdown']['content'].encode()) > 4096:
            problems.append('message')
        return problems, {'errcode': 0, 'errmsg': 'ok'}

    def play_app(self, mode, path, query, body, text):
        if path == 'cgi-bin/gettoken':
            count('gettoken ' + mode)
            if query != {'corpid': CORP_ID, 'corpsecret': CORP_SECRET}:
                return ['secret'], {'errcode': 40001, 'errmsg': 'invalid credential'}
            with lock:
                tokens.append(f'access-token-{len(tokens) + 1:04d}')
                return [], {'errcode': 0, 'errmsg': 'ok', 'access_token': tokens[-1], 'expires_in': 7200}
        if path != 'cgi-bin/message/send':
            return ['path'], {'errcode': 404, 'errmsg': 'no such interface'}
        if query.get('access_token') not in tokens:
            return ['access_token'], {'errcode': 40014, 'errmsg': 'invalid access_token'}
        # "withdrawn": tokens are withdrawn as soon as they are given, up to the second
        if mode == 'withdrawn' and query['access_token'] == tokens[0]:
            return [], {'errcode': 42001, 'errmsg': f'access_token {query["access_token"]} expired'}
        if mode == 'useless':
            return [], {'errcode': 40014, 'errmsg': 'invalid access_token'}
        problems = []
        if body.get('agentid') != 1000002 or body.get('enable_duplicate_check') != 1 or not body.get('touser'):
            problems.append('message')
        reply = {'errcode': 0, 'errmsg': 'ok', 'msgid': 'x'}
        if mode == 'partly':
            reply['invaliduser'] = body['touser']
        return problems, reply

    def play_ding(self, mode, path, query, body, text):
        problems = []
        if path != 'robot/send':
            problems.append('path')
        if query.get('access_token') != DING_TOKEN:
            return problems + ['token'], {'errcode': 300001, 'errmsg': 'token is not exist'}
        timestamp = query.get('timestamp', '0')
        if abs(int(timestamp) / 1000 - time.time()) > 3600:
            return problems + ['timestamp'], {'errcode': 310000, 'errmsg': 'invalid timestamp'}
        if query.get('sign') != ding_signature(timestamp, DING_SIGN):
            return problems + ['sign'], {'errcode': 310000, 'errmsg': 'sign not match'}
        if body.get('msgtype') != 'markdown' or body['at']['isAtAll'] is not False:
            problems.append('message')
        return problems, {'errcode': 0, 'errmsg': 'ok'}

    def play_feishu(self, mode, path, query, body, text):
        problems = []
        if path != 'open-apis/bot/v2/hook/' + FEISHU_HOOK:
            return ['hook'], {'code': 19001, 'msg': 'param invalid: incoming webhook access token invalid'}
        timestamp = body.get('timestamp', '0')
        if not isinstance(timestamp, str) or abs(int(timestamp) - time.time()) > 3600 \
                or body.get('sign') != feishu_signature(timestamp, FEISHU_SIGN):
            return ['sign'], {'code': 19021, 'msg': 'sign match fail or timestamp is not within one hour from current time'}
        if body.get('msg_type') != 'interactive' or 'card' not in body:
            problems.append('message')
        return problems, {'code': 0, 'msg': 'success', 'data': {}, 'StatusCode': 0, 'StatusMessage': 'success'}

    def play_events(self, mode, path, query, body, text):
        problems = []
        if body.get('specversion') != '1.0' or not body.get('id') or not body.get('source') or not body.get('type'):
            problems.append('event')
        if self.headers['Idempotency-Key'] is None:
            problems.append('idempotency key')
        if mode != 'open':
            if self.headers['Authorization'] != 'Bearer ' + BEARER:
                problems.append('bearer')
            parts = dict(p.split('=', 1) for p in (self.headers['X-Perf-Mgmt-Signature'] or 't=0,v1=').split(','))
            if abs(int(parts['t']) - time.time()) > 300:
                problems.append('timestamp')
            wanted = hmac.new(EVENT_SIGN.encode(), f'{parts["t"]}.{text}'.encode(), hashlib.sha256).hexdigest()
            if parts['v1'] != wanted:
                problems.append('sign')
        return problems, {}

    # --- how the answer goes wrong

    def behave(self, mode, path, reply):
        name, _, number = mode.partition('-')
        seen = count(path)
        if name == 'code':
            self.reply(200, {'errcode': int(number), 'code': int(number), 'errmsg': 'as told', 'msg': 'as told'})
        elif name == 'status':
            self.reply(int(number), {'error': 'as told'})
        elif name == 'retry':
            self.reply(429, {}, {'Retry-After': number})
        elif name == 'retrydate':
            self.reply(503, {}, {'Retry-After': formatdate(time.time() + 45, usegmt=True)})
        elif name == 'redirect':
            self.reply(302, {}, {'Location': path.replace('/redirect/', '/target/')})
        elif name == 'hang':
            time.sleep(30)
        elif name == 'drip':
            self.send_response(200)
            self.send_header('Content-Length', '1000')
            self.end_headers()
            for _ in range(60):
                self.wfile.write(b' ')
                time.sleep(0.5)
        elif name == 'reset':
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
            self.connection.close()
            raise ConnectionResetError
        elif name == 'garbage':
            self.reply(200, '<html>Please log in: key=abcdef</html>')
        elif name == 'nocode':
            self.reply(200, {'result': 'ok'})
        elif name == 'twice':
            self.reply(200, '{"errcode": 1, "code": 1, "errcode": 0, "code": 0}')
        elif name == 'liar':
            self.reply(500, {'errcode': 0, 'code': 0})
        elif name == 'huge':
            self.reply(200, ' ' * 1000000)
        elif name == 'echo':
            self.reply(200, {'errcode': 99, 'errmsg': f'cannot deliver {self.path}'})
        elif name == 'flaky' and seen <= int(number):
            self.reply(500, {})
        else:
            if name == 'slow':
                time.sleep(int(number) / 1000)
            self.reply(200, reply)

    def reply(self, status, body, headers=None):
        data = (body if isinstance(body, str) else json.dumps(body)).encode()
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header('Content-Type', 'application/json')
        self.send_header('Content-Length', str(len(data)))
        self.end_headers()
        self.wfile.write(data)


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, request, client_address):
        if not isinstance(sys.exc_info()[1], (ConnectionError, ssl.SSLError, ValueError, OSError)):
            super().handle_error(request, client_address)


def main():
    server = Server(('127.0.0.1', 0), Handler)
    if len(sys.argv) > 2:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(sys.argv[2], sys.argv[3])
        server.socket = context.wrap_socket(server.socket, server_side=True)
    print(server.server_address[1], flush=True)
    # ends with the test that started it
    threading.Thread(target=lambda: (sys.stdin.read(), os._exit(0)), daemon=True).start()
    server.serve_forever()


main()
