# One image for every process: `docker run IMAGE` is `manage.py up`; DATABASE_URL, ADMIN_DATABASE_URL and REDIS_URL name
# managed engines. The base is the bank's own to choose.
ARG BASE=python:3.11-slim
FROM ${BASE}

RUN useradd --create-home --uid 10001 glasshouse && mkdir /data && chown glasshouse /data
WORKDIR /app
COPY requirements.lock ./
RUN python3 -m venv /venv && /venv/bin/python -m pip install --no-cache-dir --require-hashes -r requirements.lock
ENV PATH=/venv/bin:$PATH
COPY . .
USER glasshouse
ENV DATA_DIR=/data BIND=0.0.0.0 PORT=8000 LOGS=stderr DEMO=0 PYTHONUNBUFFERED=1
VOLUME /data
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --start-period=120s CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8000/healthz')"]
CMD ["python", "manage.py", "up"]
