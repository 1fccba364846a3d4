# {{application:x-apache}} on {{server:x-apache}}: rendered by Berth, job {{job:x-apache}}. Do not edit here;
# the template is templates/{{application:x-apache}}/ beside berth.conf.
<VirtualHost *>
  ServerName {{server:x-apache}}
  WSGIDaemonProcess shop processes=1 threads=8 display-name=%{GROUP}
  WSGIProcessGroup shop
  WSGIApplicationGroup %{GLOBAL}
  WSGIScriptAlias / /etc/shop/site.wsgi
  <Directory /etc/shop>
    <Files site.wsgi>
      Require all granted
    </Files>
  </Directory>
  Alias /media/ {{root:x-apache}}/shared/media/
  <Directory {{root:x-apache}}/shared/media>
    Require all granted
  </Directory>
</VirtualHost>
