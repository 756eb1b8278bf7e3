# One image for web, worker, beat and relay; docker-compose.yml says which command each runs.
ARG PYTHON=3.11-slim-bookworm

FROM python:${PYTHON} AS packages
RUN python -m venv /opt/venv
COPY requirements/base.txt /tmp/base.txt
RUN /opt/venv/bin/pip install --no-cache-dir --require-hashes -r /tmp/base.txt

FROM python:${PYTHON}
RUN apt-get update \
    && apt-get install -y --no-install-recommends libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --home-dir /var/lib/xinzu xinzu \
    && install -d -o xinzu -g xinzu -m 0700 /var/lib/xinzu/keys /var/lib/xinzu/media
COPY --from=packages /opt/venv /opt/venv
WORKDIR /srv/xinzu
COPY . .
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    VAR_DIR=/var/lib/xinzu \
    KEY_DIR=/var/lib/xinzu/keys \
    MEDIA_ROOT=/var/lib/xinzu/media \
    STATIC_MANIFEST=1
# Made once, here: compiled catalogs, and static files with hashed names and their compressed twins. No secret is used.
RUN pybabel -q compile -d locale -D django \
    && pybabel -q compile -d rental/unfold_locale -D django \
    && SECRET_KEY=only-for-this-line python manage.py collectstatic --noinput --verbosity 0 \
    && python -m compileall -q .
USER xinzu
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s CMD ["python", "-c", "import os, urllib.request as u; u.urlopen(u.Request('http://127.0.0.1:8000/api/health/', headers={'Host': os.environ['ALLOWED_HOSTS'].split(',')[0].lstrip('.')}), timeout=4)"]
CMD ["gunicorn", "--no-control-socket", "--worker-class", "gthread", "--workers", "2", "--threads", "4", "--worker-tmp-dir", "/dev/shm", "--bind", "0.0.0.0:8000", "rental.wsgi:application"]
