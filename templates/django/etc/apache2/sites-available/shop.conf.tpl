# {{application:x-apache}} on {{server:x-apache}}: rendered by Berth, job {{job:x-apache}}. Do not edit here;
# the template is templates/{{application:x-apache}}/ beside berth.conf.
<VirtualHost *>
  ServerName {{server:x-apache}}
  # As the application's own user, who alone may read its settings; in UTF-8,
  # because Apache itself knows no locale.
  WSGIDaemonProcess shop processes=1 threads=8 display-name=%{GROUP} \
    user={{guest.user:x-apache}} group={{guest.group:x-apache}} \
    home={{root:x-apache}} lang=C.UTF-8 locale=C.UTF-8
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
