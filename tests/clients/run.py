"""What real clients send comes in as they meant it, once: python tests/clients/run.py TIDEMARK. Exporters and handlers from
PyPI (requirements.txt), and nginx, HAProxy and rsyslog from Debian. Exits with 1 and a word for each that does not."""
import datetime, json, logging, os, re, shutil, signal, socket, subprocess, sys, tempfile, time, urllib.request

COUNT = 5
PATIENCE_S = 30

tidemark = os.path.abspath(sys.argv[1])
work = tempfile.mkdtemp(prefix="clients-")
os.chmod(work, 0o755)
children = []


def free_port():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


def start(*command):
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=open(f"{work}/{os.path.basename(command[0])}.err", "a"))
    children.append(child)
    return child


def wait_for_port(port):
    until = time.time() + PATIENCE_S
    while time.time() < until:
        try:
            return socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.05)
    raise TimeoutError(f"nobody listens on {port}")


def log_line(sender, n):
    now = datetime.datetime.now(datetime.timezone.utc).strftime("%d/%b/%Y:%H:%M:%S +0000")
    return f'10.20.4.11 - - [{now}] "GET https://api.stripe.com/{sender}/call HTTP/1.1" {503 if n == 0 else 200} 58 "-" "{sender}/1.{n}"'


port, syslog_port = free_port(), free_port()
url = f"http://127.0.0.1:{port}"
environment = dict(os.environ, TIDEMARK_DATA=f"{work}/data")
service = subprocess.Popen(
    [tidemark, "serve", "--listen", f"127.0.0.1:{port}", "--syslog", f"127.0.0.1:{syslog_port}"],
    env=environment, stderr=open(f"{work}/tidemark.err", "w"))
children.append(service)


def opentelemetry_spans():
    from opentelemetry.exporter.otlp.proto.http import Compression
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor
    from opentelemetry.trace import SpanKind
    for compression in [Compression.NoCompression, Compression.Gzip]:
        provider = TracerProvider()
        exporter = OTLPSpanExporter(endpoint=f"{url}/v1/traces", compression=compression)
        provider.add_span_processor(BatchSpanProcessor(exporter))
        for n in range(COUNT):
            with provider.get_tracer("test").start_as_current_span("GET", kind=SpanKind.CLIENT) as span:
                span.set_attribute("http.request.method", "GET")
                span.set_attribute("url.full", "https://api.stripe.com/otelspans/call")
                span.set_attribute("http.response.status_code", 503 if n == 0 else 200)
        provider.shutdown()
    return 2 * COUNT


def opentelemetry_logs():
    from opentelemetry._logs import LogRecord
    from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter
    from opentelemetry.sdk._logs import LoggerProvider
    from opentelemetry.sdk._logs.export import BatchLogRecordProcessor
    provider = LoggerProvider()
    provider.add_log_record_processor(BatchLogRecordProcessor(OTLPLogExporter(endpoint=f"{url}/v1/logs")))
    for n in range(COUNT):
        provider.get_logger("test").emit(LogRecord(timestamp=time.time_ns(), body=log_line("otellogs", n)))
    provider.shutdown()
    return COUNT


def elasticsearch_bulk():
    from elasticsearch import Elasticsearch, helpers
    client = Elasticsearch(url)
    assert client.ping() and client.info()["version"]["number"]
    actions = [{"_index": "egress", "_source": {"message": log_line("elasticsearch", n)}} for n in range(COUNT)]
    stored, errors = helpers.bulk(client, actions)
    assert (stored, errors) == (COUNT, []), (stored, errors)
    return COUNT


def loki_handler():
    import logging_loki
    handler = logging_loki.LokiHandler(url=f"{url}/loki/api/v1/push", tags={"job": "egress"}, version="1")
    logger = logging.getLogger("loki")
    logger.setLevel(logging.INFO)
    logger.addHandler(handler)
    for n in range(COUNT):
        logger.warning(log_line("loki", n))
    return COUNT


def splunk_handler():
    from splunk_handler import SplunkHandler
    handler = SplunkHandler(host="127.0.0.1", port=port, token="none", index="main", protocol="http", verify=False,
                            flush_interval=0.2, retry_count=1)
    logger = logging.getLogger("splunk")
    logger.setLevel(logging.INFO)
    logger.propagate = False
    logger.addHandler(handler)
    for n in range(COUNT):
        logger.warning(log_line("splunk", n))
    handler.force_flush()
    handler.close()
    return COUNT


def datadog_client():
    from datadog_api_client import ApiClient, Configuration
    from datadog_api_client.v2.api.logs_api import LogsApi
    from datadog_api_client.v2.model.content_encoding import ContentEncoding
    from datadog_api_client.v2.model.http_log import HTTPLog
    from datadog_api_client.v2.model.http_log_item import HTTPLogItem
    configuration = Configuration(host=url, api_key={"apiKeyAuth": "none"})
    # The client has one address for each operation; this is the way to give it another.
    configuration._servers = [{"url": url}]
    with ApiClient(configuration) as client:
        api = LogsApi(client)
        api._submit_log_endpoint.settings["servers"] = [{"url": url, "variables": {}}]
        items = [HTTPLogItem(ddsource="nginx", service="datadog", message=log_line("datadog", n)) for n in range(COUNT)]
        api.submit_log(body=HTTPLog(items), content_encoding=ContentEncoding("gzip"))
    return COUNT


# As most have it, the syslog of old; and the newer one.
HAPROXY_SYSLOG = {"proxied": "format rfc5424", "httplog": ""}


def nginx_and_haproxy(sender, haproxy_format):
    """nginx answers and logs by UDP; HAProxy stands before it and logs too."""
    nginx, haproxy = free_port(), free_port()
    with open(f"{work}/nginx-{sender}.conf", "w") as conf:
        conf.write(f"""daemon off; worker_processes 1; pid {work}/{sender}.pid; error_log {work}/nginx-error.log;
events {{}}
http {{
  access_log syslog:server=127.0.0.1:{syslog_port},tag=nginx combined;
  client_body_temp_path {work}/n1; proxy_temp_path {work}/n2; fastcgi_temp_path {work}/n3;
  uwsgi_temp_path {work}/n4; scgi_temp_path {work}/n5;
  server {{ listen 127.0.0.1:{nginx}; location / {{ return 200 "ok"; }} }}
}}
""")
    with open(f"{work}/haproxy-{sender}.cfg", "w") as conf:
        conf.write(f"""global
  log 127.0.0.1:{syslog_port} {HAPROXY_SYSLOG[sender]} local0
defaults
  mode http
  timeout client 5s
  timeout server 5s
  timeout connect 5s
  log global
  {haproxy_format}
listen all
  bind 127.0.0.1:{haproxy}
  server one 127.0.0.1:{nginx}
""")
    start("nginx", "-c", f"{work}/nginx-{sender}.conf", "-p", work)
    start("haproxy", "-f", f"{work}/haproxy-{sender}.cfg", "-db")
    wait_for_port(nginx)
    wait_for_port(haproxy)
    for n in range(COUNT):
        request = urllib.request.Request(f"http://127.0.0.1:{haproxy}/{sender}/call", headers={"Host": "api.stripe.com"})
        urllib.request.urlopen(request, timeout=10).read()
    return 2 * COUNT


def rsyslog_forwarding():
    with open(f"{work}/app.log", "w") as log:
        log.writelines(log_line("rsyslog", n) + "\n" for n in range(COUNT))
    with open(f"{work}/rsyslog.conf", "w") as conf:
        conf.write(f"""module(load="imfile")
global(workDirectory="{work}")
input(type="imfile" File="{work}/app.log" Tag="egress:")
action(type="omfwd" target="127.0.0.1" port="{syslog_port}" protocol="tcp" TCP_Framing="octet-counted"
       template="RSYSLOG_SyslogProtocol23Format")
""")
    start("rsyslogd", "-n", "-f", f"{work}/rsyslog.conf", "-i", f"{work}/rsyslog.pid")
    return COUNT


CLIENTS = {
    "otelspans": opentelemetry_spans,
    "otellogs": opentelemetry_logs,
    "elasticsearch": elasticsearch_bulk,
    "loki": loki_handler,
    "splunk": splunk_handler,
    "datadog": datadog_client,
    "proxied": lambda: nginx_and_haproxy("proxied", """log-format '%ci - - [%trg] %{+Q}r %ST %B "-" "haproxy"'"""),
    "httplog": lambda: nginx_and_haproxy("httplog", "option httplog"),
    "rsyslog": rsyslog_forwarding,
}


def stored():
    sql = "SELECT split_part(url, '/', 2) AS sender, COUNT(*) AS n, COUNT(ts) AS dated FROM exchanges GROUP BY 1 ORDER BY 1"
    done = subprocess.run([tidemark, "sql", "--format", "jsonl", sql], env=environment, capture_output=True, text=True)
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    return {row["sender"]: (row["n"], row["dated"]) for row in rows}


def main():
    logging.getLogger().setLevel(logging.CRITICAL)
    wait_for_port(port)
    expected, failed = {}, {}
    for name, send in CLIENTS.items():
        try:
            count = send()
            expected[name] = (count, count)
        except Exception as error:  # one client's trouble must not hide another's
            failed[name] = f"{type(error).__name__}: {error}"
    until = time.time() + PATIENCE_S
    while (found := stored()) != expected and time.time() < until:
        time.sleep(0.3)
    for name in CLIENTS:
        if name not in failed and found.get(name) != expected[name]:
            failed[name] = f"{expected[name]} records (and dated ones) were sent, {found.get(name)} stored"
        print(f"{name}: {failed.get(name, 'ok')}")
    service.send_signal(signal.SIGTERM)
    if service.wait(PATIENCE_S) != 0:
        failed["service"] = "did not end in peace"
    rates = subprocess.run([tidemark, "sql", "--format", "jsonl", "SELECT SUM(requests) AS n FROM rates"], env=environment,
                           capture_output=True, text=True)
    total = sum(n for n, _ in found.values())
    if json.loads(rates.stdout)["n"] != total:
        failed["rates"] = f"{rates.stdout.strip()} for {total} exchanges"
    if failed:
        print(json.dumps(failed, indent=1), open(f"{work}/tidemark.err").read(), sep="\n", file=sys.stderr)
    return 1 if failed else 0


try:
    code = main()
finally:
    for child in children:
        if child.poll() is None:
            child.terminate()
            child.wait()
shutil.rmtree(work, ignore_errors=True)
sys.exit(code)
